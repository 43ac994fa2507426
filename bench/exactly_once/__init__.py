"""How many lists, messages and keys are lost or written twice, here and elsewhere."""
