"""What devices say of passkeys, checked by the library webauthn; None if anything is wrong with it.

It is loaded when the first passkey comes (passkeys.py), because it takes about as long to load as all of Flask.
"""

from flask import current_app
from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response

from webapp.models.accounts.passkey import ID_LIMIT, Credential, PasskeyRow


def read_new(said: str, challenge: str, host: str, origin: str) -> Credential | None:
    """The passkey that a device has made now, after making sure that its owner is there."""
    try:
        made = verify_registration_response(
            credential=said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except Exception as error:  # of many kinds: anybody may send anything
        _refuse(error)
        return None
    if len(made.credential_id) > ID_LIMIT:
        return None
    return Credential(made.credential_id, made.credential_public_key, made.sign_count)


def read_use(said: str, challenge: str, host: str, origin: str, passkey: PasskeyRow) -> int | None:
    """How often the device has used this passkey, if it did so now, after making sure that its owner is there.

    The number is compared with the last one by `use_passkey`, in the transaction that writes it.
    """
    try:
        used = verify_authentication_response(
            credential=said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        _refuse(error)
        return None
    return used.new_sign_count


def _refuse(error: Exception) -> None:
    current_app.logger.info("A passkey is not in order: %s", type(error).__name__)
