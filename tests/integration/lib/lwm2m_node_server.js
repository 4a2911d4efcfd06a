// SPDX-License-Identifier: Apache-2.0
// lwm2m-node-lib as an independent LwM2M 1.0 server on loopback: prints registrations, updates and their ends as JSON lines; a line "read DEVICE
// OBJECT INSTANCE RESOURCE" of its standard input asks the device, with the library's own number of the device.
const CoapServer = require("coap").createServer().constructor;
const listen = CoapServer.prototype.listen;
CoapServer.prototype.listen = function (port, done) { return listen.call(this, port, "127.0.0.1", done); };
const lib = require("lwm2m-node-lib").server;
const formats = [{name: "application-vnd-oma-lwm2m/text", value: 1541}, {name: "application-vnd-oma-lwm2m/tlv", value: 1542}];
const config = {port: Number(process.argv[2]), lifetimeCheckInterval: 1000, udpWindow: 100, defaultType: "Device", types: [], logLevel: "FATAL",
                ipProtocol: "udp4", serverProtocol: "udp4", deviceRegistry: {type: "memory"}, formats,
                writeFormat: "application-vnd-oma-lwm2m/text", defaultAcceptFormat: "text/plain"};
const out = (kind, ...more) => console.log(JSON.stringify([kind, ...more]));
lib.start(config, (error, server) => {
  if (error) { console.error(error); process.exit(1); }
  lib.setHandler(server, "registration", (endpoint, lifetime, version, binding, payload, done) => {
    out("registration", endpoint, lifetime, version, binding, payload);
    done();
  });
  lib.setHandler(server, "updateRegistration", (device, done) => { out("update", device.name, device.lifetime); done(); });
  lib.setHandler(server, "unregistration", (device, done) => { out("unregistration", device.name); done(); });
  out("listening", config.port);
  process.stdin.on("data", (line) => {
    const [, device, object, instance, resource] = line.toString().trim().split(" ");
    lib.read(device, object, instance, resource, (wrong, value) => out("answer", wrong ? String(wrong.name) : value));
  });
});
