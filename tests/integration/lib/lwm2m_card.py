# SPDX-License-Identifier: Apache-2.0
"""The built-in card with empty LwM2M files, and accounts to provision it with."""

import re


def profile(default):
    """The built-in card's profile; the bootstrap file and its directory are blank, there is room for a long one, and 6434 beside it."""
    for fid, size in (("6430", 64), ("6432", 4096)):
        default = re.sub(rf'^({fid} = {{ name = "[^"]*", )size = \d+(, rule = "[^"]*"), content = "[0-9A-F]*" }}$', rf"\1size = {size}\2 }}", default,
                         flags=re.MULTILINE)
    return re.sub(r"^(6432)(.*)$", r"\1\2\n6434\2", default, flags=re.MULTILINE)


def account(uri, mode=0, identity="text:device-1", key="hex:D31C924FA0775BE809C63D81F26AB415", server_key=None, suites=(), lifetime=300, more=""):
    """A view in TOML with one server; `more` are lines of its Security instance."""
    text = f'[[object]]\nid = 0\nversion = "1.1"\n[[object.instance]]\nid = 0\nserver_uri = "{uri}"\nbootstrap_server = false\nsecurity_mode = {mode}\n'
    if mode != 3:
        text += f'public_key_or_identity = "{identity}"\nsecret_key = "{key}"\n'
    if server_key:
        text += f'server_public_key = "{server_key}"\n'
    if suites:
        text += "dtls_tls_ciphersuite = {" + ", ".join(f"{i} = {suite}" for i, suite in enumerate(suites)) + "}\n"
    text += more + "short_server_id = 1\n[[object]]\nid = 1\n[[object.instance]]\nid = 0\nshort_server_id = 1\n"
    return text + f'lifetime = {lifetime}\nnotification_storing = true\nbinding = "U"\n'


# The SMS binding by secured packets that end in the card, with keys of its own.
SMS_BINDING = """sms_security_mode = 2
sms_binding_key_parameters = "hex:121216B20203"
sms_binding_secret_keys = "hex:707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F"
server_sms_number = "+491710000000"
"""
