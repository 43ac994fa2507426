"""What the tests are made of: clients, browsers, servers, people."""
