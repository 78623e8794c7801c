// An Express app around the recipe: one path for each scheme, and handlers that do as the path says.
"use strict";

const express = require("express");
const { webhookMonitor, flush } = require(process.env.RECIPE);

const app = express();
const secrets = JSON.parse(process.env.SECRETS);

for (const [scheme, secret] of Object.entries(secrets)) {
  app.post(`/${scheme}`, webhookMonitor({ source: scheme, scheme, secret }), (req, res) => {
    res.json({ raw: req.rawBody.toString("latin1"), parsed: req.body });
  });
}
const watched = (options = {}) =>
  webhookMonitor({ source: "shopify", scheme: "shopify", secret: secrets.shopify, ...options });

app.post("/status/:status", watched(), (req, res) => res.sendStatus(Number(req.params.status)));
app.post("/throws", watched(), async () => {
  throw new Error("customer jane@example.com");
});
app.post("/open", watched({ reject: false }), (req, res) => res.json(req.webhook));
app.post("/small", watched({ limit: 100 }), (req, res) => res.sendStatus(200));
app.post("/rotated", watched({ secret: ["another", secrets.shopify] }), (req, res) => res.sendStatus(200));
app.post("/never", watched(), (req, res) => res.destroy());
app.post("/late", express.json(), watched(), (req, res) => res.sendStatus(200));
app.post("/flush", async (req, res) => {
  await flush();
  res.sendStatus(200);
});
app.use((error, req, res, next) => res.status(error.status || 500).json({ message: error.message }));

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
