"""Python's cryptography for the tests of interoperability.

One command a line on standard input, one answer a line on standard output, "ok" or "no" and the reason. Words are
separated by spaces; files are named by their paths.
"""

import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12


def read(path):
    with open(path, "rb") as file:
        return file.read()


def key(path):
    return serialization.load_pem_private_key(read(path), None)


def certificate(path):
    return x509.load_pem_x509_certificate(read(path))


def sign(content, form, hash_name, scheme, key_file, certificate_file, others):
    """FORM is opaque, detached or direct (detached, no signed attributes); SCHEME is default or pss."""
    hash_type = getattr(hashes, hash_name)()
    pss = padding.PSS(padding.MGF1(hash_type), padding.PSS.DIGEST_LENGTH) if scheme == "pss" else None
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(certificate(certificate_file), key(key_file), hash_type, rsa_padding=pss)
    builder = builder.add_certificate(certificate(others))
    options = {
        "opaque": [],
        "detached": [pkcs7.PKCS7Options.DetachedSignature],
        "direct": [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes],
    }[form]
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def encrypt(content, cipher, *recipients):
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content)
    builder = builder.set_content_encryption_algorithm(getattr(algorithms, cipher))
    for recipient in recipients:
        builder = builder.add_recipient(certificate(recipient))
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def decrypt(cms, key_file, certificate_file):
    return pkcs7.pkcs7_decrypt_der(cms, certificate(certificate_file), key(key_file), [])


def unpack(file, password):
    """The certificate of the key in a PKCS#12 file, in DER."""
    secret, own, _ = pkcs12.load_key_and_certificates(file, password.encode())
    if secret.public_key() != own.public_key():
        raise ValueError("not the key of the certificate")
    return own.public_bytes(serialization.Encoding.DER)


def pack(_, password, key_file, certificate_file, others):
    """A PKCS#12 file of a key, its certificate and the authority's."""
    locked = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(
        b"key", key(key_file), certificate(certificate_file), [certificate(others)], locked
    )


VERBS = {"sign": sign, "encrypt": encrypt, "decrypt": decrypt, "pack": pack, "unpack": unpack}

for line in sys.stdin:
    verb, source, target, *words = line.split()
    try:
        made = VERBS[verb](read(source), *words)
        with open(target, "wb") as file:
            file.write(made)
        print("ok", flush=True)
    except Exception as refused:  # whatever the library says is the answer
        print("no", repr(refused), flush=True)
