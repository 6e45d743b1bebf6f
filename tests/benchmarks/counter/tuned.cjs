// A server by hand on ws: rooms by Origin, a frame built once for all, told at most ten times a second.
const { Sender, WebSocketServer } = require("ws");

const server = new WebSocketServer({ port: Number(process.argv[2]), perMessageDeflate: false, maxPayload: 1024 });
const rooms = new Map();
const CALM_MS = 100;

const frame = (total) => {
  const data = Buffer.from(JSON.stringify({ type: "total", total }));
  return Buffer.concat(Sender.frame(data, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: false }));
};

const tell = (room) => {
  room.timer = null;
  room.at = performance.now();
  const told = frame(room.members.size);
  for (const socket of room.members) socket.write(told);
};

const changed = (room) => {
  room.timer ??= setTimeout(tell, Math.max(20, room.at + CALM_MS - performance.now()), room);
};

server.on("connection", (client, request) => {
  const site = request.headers.origin;
  let room = rooms.get(site);
  if (!room) rooms.set(site, (room = { members: new Set(), timer: null, at: 0 }));
  const socket = request.socket;
  room.members.add(socket);
  changed(room);
  client.on("close", () => {
    room.members.delete(socket);
    changed(room);
  });
  client.on("error", () => {});
});
