// Listens and trades over WebSocket as an institution's Node program would; prints what it saw.
import { WebsocketAPIClient, WebsocketClient, WS_KEY_MAP } from "okx-api";

const { SANDBOX_WS_URL, API_KEY, SECRET, PASSPHRASE } = process.env;
const accounts = [{ apiKey: API_KEY, apiSecret: SECRET, apiPass: PASSPHRASE }];
const quiet = { trace() {}, info() {}, error(...words) { console.error(...words); } };
const instId = "BTC-USDT";
const seen = { pushes: [] };

// One address for all connections of a client: one client for each path.
const listener = new WebsocketClient({ accounts, wsUrl: `${SANDBOX_WS_URL}/private` }, quiet);
const prices = new WebsocketClient({ wsUrl: `${SANDBOX_WS_URL}/public` }, quiet);
const pricesCame = new Promise((resolve) => prices.on("update", resolve));
const subscribed = new Promise((resolve) => listener.on("response", (message) => {
  if (message.event === "subscribe") resolve();
}));
const filled = new Promise((resolve) => listener.on("update", ({ arg, data }) => {
  if (arg.channel !== "orders") return;
  seen.pushes.push(data[0].state);
  if (data[0].state === "filled") resolve();
}));

prices.subscribe({ channel: "tickers", instId });
seen.ticker = (await pricesCame).data[0].instId;
listener.subscribe({ channel: "orders", instType: "SPOT" });
await subscribed;

const trader = new WebsocketAPIClient(
  { accounts, wsUrl: `${SANDBOX_WS_URL}/private`, attachEventListeners: false }, quiet,
);
const order = { instId, tdMode: "cash", side: "buy" };
const placed = await trader.submitNewOrder({ ...order, ordType: "limit", px: "50000", sz: "0.01" });
const { ordId, tag } = placed.data[0];
seen.tag = tag;
seen.amended = (await trader.amendOrder({ instId, ordId, newSz: "0.02" })).data[0].sCode;
seen.canceled = (await trader.cancelOrder({ instId, ordId })).data[0].sCode;
await trader.submitNewOrder({ ...order, ordType: "market", sz: "100" });
await filled;

console.log(JSON.stringify(seen));
process.exit(0);
