"""The OKX v5 wire from the client's side (https://www.okx.com/docs-v5/en/). Its words stop here."""
