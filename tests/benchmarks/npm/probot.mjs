// Probot as its documentation mounts it in a server of one's own: verifies, parses, calls one handler, stores nothing.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createNodeMiddleware, createProbot } from "probot";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "pkcs1", format: "pem" },
});
const probot = createProbot({
  overrides: { appId: 1, privateKey, secret: process.env.BENCH_SECRET, logLevel: "fatal" },
});
const app = (robot) => {
  robot.on("push", () => {});
};
const middleware = await createNodeMiddleware(app, { probot, webhooksPath: "/webhooks/github" });
const server = createServer(middleware);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
