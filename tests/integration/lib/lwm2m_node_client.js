// SPDX-License-Identifier: Apache-2.0
// lwm2m-node-lib as an independent LwM2M 1.0 client: registers, prints what it is asked as JSON lines, and ends when its standard input does.
const CoapServer = require("coap").createServer().constructor;
const listen = CoapServer.prototype.listen;
CoapServer.prototype.listen = function (port, done) { return listen.call(this, port, "127.0.0.1", done); };  // on loopback only
const lib = require("lwm2m-node-lib").client;
const [, , serverPort, endpoint] = process.argv;
const out = (kind, ...more) => console.log(JSON.stringify([kind, ...more]));
const formats = [{name: "lightweightm2m/text", value: 1541}, {name: "application-vnd-oma-lwm2m/tlv", value: 1542}];
lib.init({client: {lifetime: "300", version: "1.0", logLevel: "FATAL", observe: {period: 500}, ipProtocol: "udp4", serverProtocol: "udp4", formats,
                   writeFormat: "lightweightm2m/text", defaultAcceptFormat: "text/plain"}});
const fail = (error) => { console.error(error); process.exit(1); };
lib.registry.create("/7/3", (error) => {
  if (error) fail(error);
  lib.registry.setResource("/7/3", "5", "first", (again) => {
    if (again) fail(again);
    lib.register("127.0.0.1", Number(serverPort), "", endpoint, (refused, information) => {
      if (refused) fail(refused);
      for (const kind of ["read", "write", "execute"]) {
        lib.setHandler(information.serverInfo, kind, (type, id, resource, value, callback) => { out(kind, type, id, resource, value); callback(null, value); });
      }
      out("registered", information.location);
      process.stdin.on("data", (line) => {
        const word = line.toString().trim();
        if (word === "change") lib.registry.setResource("/7/3", "5", "changed", () => out("changed"));
        if (word === "update") lib.update(information, (wrong) => out("updated", String(wrong)));
        if (word === "unregister") lib.unregister(information, (wrong) => { out("unregistered", String(wrong)); process.exit(0); });
      });
    });
  });
});
