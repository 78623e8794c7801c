"""A service account of nobody: a key made for this demo, for the token endpoint of the demo."""

import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def write_service_account(path: Path, token_uri: str) -> None:
    """Write a key file as Google's console hands it out, readable by its owner alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    account = {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "demo",
        "private_key": pem.decode("ascii"),
        "client_email": "demo@demo.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        path.chmod(0o600)  # a file that was there keeps its own mode otherwise
        json.dump(account, file, indent=2)
