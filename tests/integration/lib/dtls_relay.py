# SPDX-License-Identifier: Apache-2.0
"""A DTLS server on one UDP port that hands what it deciphers to a plain UDP server: Debian's libssl, by ctypes, with a pre-shared key.

Run as a program: dtls_relay.py PORT TARGET_PORT IDENTITY KEY [CIPHERS]; the key in hexadecimal. Prints "ready", and a line for each handshake.
"""

import ctypes
import ctypes.util
import select
import socket
import sys

SSL_CTRL_OPTIONS_NO_QUERY_MTU = 0x1000
DTLS_CTRL_SET_LINK_MTU = 120
BIO_CTRL_PENDING = 10
PSK_SERVER = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint)


def load():
    ssl = ctypes.CDLL("libssl.so.3")
    pointers = ("DTLS_server_method", "SSL_CTX_new", "SSL_new", "BIO_new", "BIO_s_mem", "SSL_get_current_cipher")
    for name in pointers:
        getattr(ssl, name).restype = ctypes.c_void_p
    ssl.SSL_CIPHER_get_name.restype = ctypes.c_char_p
    ssl.SSL_CIPHER_get_name.argtypes = [ctypes.c_void_p]
    ssl.BIO_ctrl.restype = ctypes.c_long
    ssl.BIO_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    ssl.SSL_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    ssl.SSL_set_options.argtypes = [ctypes.c_void_p, ctypes.c_uint64]
    for name in ("SSL_CTX_new", "SSL_new", "BIO_new", "SSL_set_accept_state", "SSL_do_handshake", "SSL_is_init_finished", "SSL_free",
                 "SSL_get_current_cipher", "SSL_session_reused", "SSL_get_shutdown"):
        getattr(ssl, name).argtypes = [ctypes.c_void_p]
    for name in ("SSL_read", "SSL_write", "BIO_read", "BIO_write"):
        getattr(ssl, name).argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    ssl.SSL_set_bio.argtypes = [ctypes.c_void_p] * 3
    ssl.SSL_CTX_set_cipher_list.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    ssl.SSL_CTX_set_psk_server_callback.argtypes = [ctypes.c_void_p, PSK_SERVER]
    return ssl


class Association:
    """One client: its DTLS state between two memory BIOs, and its own socket to the plain server."""

    def __init__(self, ssl, context, peer, target):
        self.ssl, self.peer, self.told = ssl, peer, False
        self.handle = ssl.SSL_new(context)
        self.incoming, self.outgoing = ssl.BIO_new(ssl.BIO_s_mem()), ssl.BIO_new(ssl.BIO_s_mem())
        ssl.SSL_set_bio(self.handle, self.incoming, self.outgoing)
        ssl.SSL_set_options(self.handle, SSL_CTRL_OPTIONS_NO_QUERY_MTU)
        ssl.SSL_ctrl(self.handle, DTLS_CTRL_SET_LINK_MTU, 1280, None)
        ssl.SSL_set_accept_state(self.handle)
        self.plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.plain.connect(target)

    def flush(self, server):
        while self.ssl.BIO_ctrl(self.outgoing, BIO_CTRL_PENDING, 0, None) > 0:
            buffer = ctypes.create_string_buffer(65536)
            size = self.ssl.BIO_read(self.outgoing, buffer, len(buffer))
            server.sendto(buffer.raw[:size], self.peer)

    def from_client(self, server, datagram):
        self.ssl.BIO_write(self.incoming, datagram, len(datagram))
        if not self.ssl.SSL_is_init_finished(self.handle):
            self.ssl.SSL_do_handshake(self.handle)
        if self.ssl.SSL_is_init_finished(self.handle):
            if not self.told:
                self.told = True
                name = self.ssl.SSL_CIPHER_get_name(self.ssl.SSL_get_current_cipher(self.handle)).decode()
                print("handshake", name, "resumed" if self.ssl.SSL_session_reused(self.handle) else "full", flush=True)
            buffer = ctypes.create_string_buffer(65536)
            while (size := self.ssl.SSL_read(self.handle, buffer, len(buffer))) > 0:
                self.plain.send(buffer.raw[:size])
        self.flush(server)

    def from_server(self, server):
        try:
            data = self.plain.recv(65536)
        except OSError:
            return
        self.ssl.SSL_write(self.handle, data, len(data))
        self.flush(server)


def main(port, target, identity, key, ciphers="PSK"):
    ssl = load()
    secret = bytes.fromhex(key)

    @PSK_SERVER
    def give_key(_, name, out, room):
        if name != identity.encode() or len(secret) > room:
            return 0
        ctypes.memmove(out, secret, len(secret))
        return len(secret)

    context = ssl.SSL_CTX_new(ssl.DTLS_server_method())
    ssl.SSL_CTX_set_cipher_list(context, ciphers.encode())
    ssl.SSL_CTX_set_psk_server_callback(context, give_key)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", int(port)))
    associations = {}
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([server, *(one.plain for one in associations.values())], [], [])
        for one in list(associations.values()):
            if one.plain in ready:
                one.from_server(server)
        if server in ready:
            datagram, peer = server.recvfrom(65536)
            if peer not in associations:
                associations[peer] = Association(ssl, context, peer, ("127.0.0.1", int(target)))
            associations[peer].from_client(server, datagram)


if __name__ == "__main__":
    main(*sys.argv[1:])
