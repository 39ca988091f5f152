"""What every answer of the v5 wire must look like, whatever was asked.

https://www.okx.com/docs-v5/en/#overview and #error-code
"""

import json
from typing import Any

from connect_portal.sandbox.wire.errors import SENTENCES, STATUS

BARE = (401, 429)
NOT_FOUND = (
    b'{"code":404,"data":{},"detailMsg":"","error_code":"404","error_message":"Not Found",'
    b'"msg":"Not Found"}'
)


def well_formed(status: int, body: bytes) -> Any:
    """The answer, once its status, its shape and its spelling are right."""
    answer = json.loads(body)
    if status == 404:
        assert body == NOT_FOUND
        return answer
    spelled = json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
    assert body.decode() == spelled, "not compact"
    code = answer["code"]
    assert code in SENTENCES, answer
    assert status == STATUS.get(code, 200)
    assert status < 500, answer
    assert isinstance(answer["msg"], str), answer
    if status in BARE:
        assert list(answer) == ["msg", "code"]
        return answer
    assert answer.keys() - {"code", "data", "msg"} in (set(), {"inTime", "outTime"})
    assert isinstance(answer["data"], list), answer
    if status != 200:
        assert answer["data"] == []
        assert answer["msg"]
    return answer
