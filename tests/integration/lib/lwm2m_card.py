"""A card with a PKCS#15 application, as a profile, and accounts to provision it with."""

APPLICATION = '''[[applications]]
module = "isim"
aid = "A000000063504B43532D3135"
label = "PKCS15"
adf = "ADF.PKCS15"
[applications.parameters]
algorithm = "milenage"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
opc = "CD63CB71954A9F4E48A5994E37A02BAF"
sqn.ind_bits = 5
sqn.start = 0

'''
FILES = '''
[files."ADF.PKCS15"]
name = "ADF.PKCS15"
fid = "7FF2"
rule = "2F06/9"
keys = ["01", "0A"]
5031 = { name = "EF.ODF", size = 64, expanded = "800101 9000 80015A A40683010A950108" }
6430 = { name = "EF.DODF", size = 128, expanded = "800101 9000 80015A A40683010A950108" }
6432 = { name = "EF.LWM2M_Bootstrap", size = 4096, expanded = "800101 A406830101950108 80015A A40683010A950108" }
'''


def profile(default):
    """The default card's profile with the application; its bootstrap file wants PIN1, which is disabled on the default card."""
    begin = default.index("# Issuer security domain")
    return default[:begin] + APPLICATION + default[begin:] + FILES


def account(uri, mode=0, identity="text:device-1", key="hex:D31C924FA0775BE809C63D81F26AB415", server_key=None, suites=(), lifetime=300):
    """A view in TOML with one server."""
    text = f'[[object]]\nid = 0\nversion = "1.1"\n[[object.instance]]\nid = 0\nserver_uri = "{uri}"\nbootstrap_server = false\nsecurity_mode = {mode}\n'
    if mode != 3:
        text += f'public_key_or_identity = "{identity}"\nsecret_key = "{key}"\n'
    if server_key:
        text += f'server_public_key = "{server_key}"\n'
    if suites:
        text += "dtls_tls_ciphersuite = {" + ", ".join(f"{i} = {suite}" for i, suite in enumerate(suites)) + "}\n"
    text += "short_server_id = 1\n[[object]]\nid = 1\n[[object.instance]]\nid = 0\nshort_server_id = 1\n"
    return text + f'lifetime = {lifetime}\nnotification_storing = true\nbinding = "U"\n'
