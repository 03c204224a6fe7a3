// @octokit/webhooks as its README mounts it: verifies, parses, calls one handler, stores nothing.
import { createServer } from "node:http";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";

const webhooks = new Webhooks({ secret: process.env.BENCH_SECRET });
webhooks.on("push", () => {});
const server = createServer(createNodeMiddleware(webhooks, { path: "/webhooks/github" }));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
