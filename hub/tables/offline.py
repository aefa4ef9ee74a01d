"""离线数据包: copies of caseloads on devices without a network, and which of them are still good."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Named, TypedColumns, Uuid

from hub.tables._columns import CODE, STAMP, internal, table


class OfflinePackageColumns(TypedColumns):
    """Nothing of whom it holds: that stands in the access log."""

    id: Named[uuid.UUID] = internal("编号", "Name of the package", Uuid, primary_key=True)
    client_id: Named[str] = internal(
        "客户端标识", "Client it was made for", CODE, ForeignKey("oauth_client.client_id", ondelete="CASCADE")
    )
    user_id: Named[int | None] = internal("用户", "User the client asked for", BigInteger)
    device: Named[str] = internal("设备", "What the client calls the device")
    key_thumbprint: Named[str] = internal("设备公钥指纹", "Key it is encrypted for, RFC 7638", CODE)
    people_count: Named[int] = internal("人数", "People in it", Integer)
    made_at: Named[dt.datetime] = internal("生成时间", "When it was made", STAMP)
    expires_at: Named[dt.datetime] = internal("失效时间", "When no device may open it any more", STAMP)
    recalled_at: Named[dt.datetime | None] = internal("收回时间", "When it was recalled", STAMP)
    recall_reason: Named[str | None] = internal("收回原因", "Why it was recalled")
    deleted_at: Named[dt.datetime | None] = internal(
        "删除时间", "When the client said that no device has it any more", STAMP
    )


offline_package = table(
    "offline_package",
    "离线数据包",
    "Copy of a caseload on a device without a network",
    OfflinePackageColumns,
    Index(None, "client_id", "made_at"),
    Index(None, "expires_at"),
)
