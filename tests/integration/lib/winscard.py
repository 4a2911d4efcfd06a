# SPDX-License-Identifier: Apache-2.0
"""libpcsclite by ctypes: what the tests themselves need of PC/SC, without another package."""

import atexit
import ctypes
import os
import pathlib
import shutil
import tempfile

DWORD = ctypes.c_ulong  # of pcsc-lite on Linux
LONG = ctypes.c_long

SCOPE_SYSTEM = 2
SHARE_EXCLUSIVE, SHARE_SHARED, SHARE_DIRECT = 1, 2, 3
PROTOCOL_T0, PROTOCOL_T1, PROTOCOL_RAW = 1, 2, 4
LEAVE, RESET, UNPOWER = 0, 1, 2
STATE_UNAWARE, STATE_CHANGED, STATE_EMPTY, STATE_PRESENT = 0, 2, 0x10, 0x20
STATE_EXCLUSIVE, STATE_INUSE, STATE_MUTE = 0x80, 0x100, 0x200
PNP = "\\\\?PnP?\\Notification"

E_CANCELLED = 0x80100002
E_TIMEOUT = 0x8010000A
E_SHARING_VIOLATION = 0x8010000B
E_NO_SMARTCARD = 0x8010000C
E_INVALID_VALUE = 0x80100011
E_UNKNOWN_READER = 0x80100009
W_UNPOWERED_CARD = 0x80100067
W_RESET_CARD = 0x80100068
W_REMOVED_CARD = 0x80100069


class ReaderState(ctypes.Structure):
    _fields_ = [
        ("reader", ctypes.c_char_p),
        ("user_data", ctypes.c_void_p),
        ("current_state", DWORD),
        ("event_state", DWORD),
        ("atr_size", DWORD),
        ("atr_bytes", ctypes.c_ubyte * 33),
    ]

    @property
    def atr(self):
        return bytes(self.atr_bytes[: self.atr_size])


class IoRequest(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("size", ctypes.c_ulong)]


class PcscError(Exception):
    def __init__(self, function, code):
        super().__init__(f"{function}: {code:08X}")
        self.code = code


class Context:
    """SCardEstablishContext at the socket that `env` names, and the calls on it."""

    _library = None
    _link = None

    def __init__(self, env):
        self._socket = env["PCSCLITE_CSOCK_NAME"]
        self._point_library()
        self._context = LONG()
        self.call("SCardEstablishContext", DWORD(SCOPE_SYSTEM), None, None, ctypes.byref(self._context))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Releases the context, with everything that is open in it; of no effect if the service is gone."""
        self._library.SCardReleaseContext(self._context)

    def _point_library(self):
        """libpcsclite looks at the environment once in the life of a process: it gets a link, which leads where we want."""
        if Context._library is None:
            directory = tempfile.mkdtemp(prefix="uicclab-link-")
            atexit.register(shutil.rmtree, directory)
            Context._link = pathlib.Path(directory) / "sock"
            os.environ["PCSCLITE_CSOCK_NAME"] = str(Context._link)
            Context._library = ctypes.CDLL("libpcsclite.so.1")
        Context._link.unlink(missing_ok=True)
        Context._link.symlink_to(self._socket)

    def call(self, function, *arguments):
        code = getattr(self._library, function)(*arguments) & 0xFFFFFFFF
        if code:
            raise PcscError(function, code)

    def readers(self):
        size = DWORD(0)
        self.call("SCardListReaders", self._context, None, None, ctypes.byref(size))
        names = ctypes.create_string_buffer(size.value)
        self.call("SCardListReaders", self._context, None, names, ctypes.byref(size))
        return [name.decode() for name in names.raw.split(b"\0") if name]

    def status_change(self, reader, known=STATE_UNAWARE, timeout_ms=30000):
        """Waits until the reader is in another state than the known one; returns its ReaderState."""
        state = ReaderState(reader=reader.encode(), current_state=known)
        self.call("SCardGetStatusChange", self._context, DWORD(timeout_ms), ctypes.byref(state), DWORD(1))
        return state

    def wait_present(self, reader, timeout_ms=30000):
        """Waits for a card in the reader; returns its ATR."""
        state = self.status_change(reader)
        while not state.event_state & STATE_PRESENT:
            state = self.status_change(reader, state.event_state & ~STATE_CHANGED, timeout_ms)
        return state.atr

    def cancel(self):
        self._point_library()  # a second connection
        self.call("SCardCancel", self._context)

    def connect(self, reader, share=SHARE_SHARED, protocols=PROTOCOL_T0 | PROTOCOL_T1):
        card, protocol = LONG(), DWORD()
        self.call(
            "SCardConnect", self._context, reader.encode(), DWORD(share), DWORD(protocols), ctypes.byref(card), ctypes.byref(protocol)
        )
        return Card(self, card, protocol.value)


class Card:
    def __init__(self, context, card, protocol):
        self._call, self._card, self.protocol = context.call, card, protocol

    def transmit(self, command):
        """Command and answer as bytes, or as hexadecimal text if the command is text."""
        data = bytes.fromhex(command) if isinstance(command, str) else command
        answer, size = ctypes.create_string_buffer(65538), DWORD(65538)
        pci = IoRequest(self.protocol, ctypes.sizeof(IoRequest))
        self._call("SCardTransmit", self._card, ctypes.byref(pci), data, DWORD(len(data)), None, answer, ctypes.byref(size))
        got = answer.raw[: size.value]
        return got.hex().upper() if isinstance(command, str) else got

    def begin(self):
        self._call("SCardBeginTransaction", self._card)

    def end(self, disposition=LEAVE):
        self._call("SCardEndTransaction", self._card, DWORD(disposition))

    def reconnect(self, initialization=LEAVE, share=SHARE_SHARED, protocols=PROTOCOL_T0 | PROTOCOL_T1):
        protocol = DWORD()
        self._call("SCardReconnect", self._card, DWORD(share), DWORD(protocols), DWORD(initialization), ctypes.byref(protocol))
        self.protocol = protocol.value

    def disconnect(self, disposition=LEAVE):
        self._call("SCardDisconnect", self._card, DWORD(disposition))
