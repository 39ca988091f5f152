"""Trouble on the wire, as a far side makes it: for the fault proxy and the scripted venue."""

import asyncio

from aiohttp import web

JSON = "application/json"
SILENCE_S = 30  # longer than any client of ours waits


async def misbehave(request: web.Request, trouble: str) -> web.StreamResponse:
    """Say nothing ("hang"), break off in the middle of a body ("cut"), or reset the connection."""
    assert request.transport is not None
    if trouble == "hang":
        await asyncio.sleep(SILENCE_S)
    if trouble == "cut":
        response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": JSON})
        await response.prepare(request)
        await response.write(b'{"code":"0","msg":"","data":[{"instId":"BTC-')
        request.transport.close()
        return response
    request.transport.abort()
    return web.Response()
