// The recipe's own server: Socket.IO, which tells everybody of each who comes or goes.
const { Server } = require("socket.io");

const io = new Server(Number(process.argv[2]), { transports: ["websocket"], perMessageDeflate: false });
let total = 0;
io.on("connection", (socket) => {
  io.emit("online", { total: ++total });
  socket.on("disconnect", () => io.emit("online", { total: --total }));
});
