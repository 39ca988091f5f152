// Trades as an institution's Node program would; prints one JSON line of what it saw.
import { RestClient } from "okx-api";

const { SANDBOX_URL, API_KEY, SECRET, PASSPHRASE, DEMO } = process.env;
const client = new RestClient({
  apiKey: API_KEY, apiSecret: SECRET, apiPass: PASSPHRASE, baseUrl: SANDBOX_URL,
  demoTrading: DEMO === "1",
});
const instId = "BTC-USDT";
const order = { instId, tdMode: "cash", side: "buy", tag: "ACMEcode1" };
const limit = { ...order, ordType: "limit", px: "50000", sz: "0.01" };
const refusal = (request) => request.then(() => "none", (error) => error.data?.[0]?.sCode ?? error.code);
const stateOf = async ({ ordId }) => (await client.getOrderDetails({ instId, ordId }))[0].state;
const seen = {};

if (DEMO === "1") {
  seen.currencies = (await client.getBalance())[0].details.map((one) => one.ccy);
} else {
  seen.pairs = (await client.getInstruments({ instType: "SPOT" })).map((one) => one.instId);
  seen.bids = (await client.getOrderBook({ instId, sz: "5" }))[0].bids.length;
  seen.candles = (await client.getCandles({ instId, bar: "1m", limit: "10" })).length;
  seen.permissions = (await client.getAccountConfiguration())[0].perm;

  const [resting] = await client.submitOrder(limit);
  const [open] = await client.getOrderDetails({ instId, ordId: resting.ordId });
  Object.assign(seen, { open: open.state, tag: open.tag });
  await client.amendOrder({ instId, ordId: resting.ordId, newSz: "0.02" });
  seen.amended = (await client.getOrderList({ instType: "SPOT", instId })).map((one) => one.sz);
  await client.cancelOrder({ instId, ordId: resting.ordId });
  seen.canceled = await stateOf(resting);

  seen.kinds = {};
  for (const [ordType, px] of [["post_only", "94000"], ["ioc", "50000"], ["fok", "50000"], ["fok", "94000"]]) {
    const [placed] = await client.submitOrder({ ...limit, ordType, px });
    seen.kinds[`${ordType} at ${px}`] = await stateOf(placed);
  }

  const [market] = await client.submitOrder({ ...order, ordType: "market", sz: "500" });
  seen.market = await stateOf(market);
  seen.fillFeeCcy = (await client.getFills({ instType: "SPOT", ordId: market.ordId }))[0].feeCcy;
  seen.history = (await client.getOrderHistory({ instType: "SPOT", instId, state: "filled" })).length;

  const batch = await client.submitMultipleOrders([limit, { ...limit, px: "51000" }]);
  const named = batch.map(({ ordId }) => ({ instId, ordId }));
  seen.batch = (await client.cancelMultipleOrders(named)).map((one) => one.sCode);

  const [algo] = await client.placeAlgoOrder({
    ...order, ordType: "trigger", sz: "0.01", triggerPx: "200000", orderPx: "-1",
  });
  const waiting = await client.getAlgoOrderList({ ordType: "trigger" });
  seen.waiting = waiting.map((one) => one.algoId === algo.algoId);
  await client.cancelAlgoOrder([{ instId, algoId: algo.algoId }]);
  seen.waitingLater = (await client.getAlgoOrderList({ ordType: "trigger" })).length;

  seen.refusals = {
    "too little money": await refusal(client.submitOrder({ ...limit, sz: "100" })),
    "unknown pair": await refusal(client.getTicker({ instId: "BTC-USD" })),
    "unknown order": await refusal(client.getOrderDetails({ instId, ordId: "1" })),
  };
}
console.log(JSON.stringify(seen));
