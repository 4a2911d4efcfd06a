# SPDX-License-Identifier: Apache-2.0
"""uicclab lwm2m serve under test: its accounts, its ports, what it is asked and what it reports."""

import json

from .lwm2m_device import Device
from .processes import wait_for


class Server(Device):
    def setUp(self):
        super().setUp()
        self.database = self.directory / "server.db"

    def add(self, endpoint, *how, database=None):
        self.lwm2m("account", "add", endpoint, "--database", database or self.database, *how)

    def serve(self, *more, database=None):
        """Starts it on ports of its own choice: coap, coaps, http of the process, and of this object for the last one started."""
        server = self.start([self.binary, "lwm2m", "serve", "--database", database or self.database, "--coap", "0", "--coaps", "0", "--http", "0", *more])
        server.wait_output("Stop with Ctrl-C.")
        for line in server.output().splitlines():
            for name, scheme in (("coap", "coap://"), ("coaps", "coaps://"), ("http", "http://")):
                if f" {scheme}" in line:
                    for holder in (self, server):
                        setattr(holder, name, int(line.rsplit(":", 1)[1]))
        self.server = server
        return server

    def manage(self, *words, ok=(0,), at=None):
        """`at`: another server than the one started last."""
        return json.loads(self.lwm2m("manage", "--server", f"127.0.0.1:{(at or self).http}", *words, ok=ok))

    def events(self, at=None):
        return self.manage("events", at=at)["events"]

    def event(self, kind, at=None, **fields):
        """The first event of this kind with these fields, once it is there."""
        def found():
            return next((one for one in self.events(at) if one["event"] == kind and all(one.get(k) == v for k, v in fields.items())), None)
        return wait_for(found, f"event {kind} {fields}", process=at or self.server)
