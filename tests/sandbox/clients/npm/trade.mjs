// Trades as an institution's Node program would; prints one JSON line of what it saw.
import { RestClient } from "okx-api";

const { SANDBOX_URL, API_KEY, SECRET, PASSPHRASE, TAG } = process.env;
const client = new RestClient({
  apiKey: API_KEY, apiSecret: SECRET, apiPass: PASSPHRASE, baseUrl: SANDBOX_URL,
});

const instruments = await client.getInstruments({ instType: "SPOT" });
const balance = await client.getBalance();
const [placed] = await client.submitOrder({
  instId: "BTC-USDT", tdMode: "cash", side: "buy", ordType: "limit", px: "1000", sz: "0.01", tag: TAG,
});
const [open] = await client.getOrderDetails({ instId: "BTC-USDT", ordId: placed.ordId });
const [canceled] = await client.cancelOrder({ instId: "BTC-USDT", ordId: placed.ordId });

console.log(JSON.stringify({
  pairs: instruments.map((one) => one.instId),
  currencies: balance[0].details.map((one) => one.ccy),
  state: open.state, tag: open.tag, canceled: canceled.sCode,
}));
