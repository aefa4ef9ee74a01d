"""OpenAPI 3.1 of a client's trusted documents, for whoever reads that and no GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import orjson
from cachetools import LRUCache
from graphql import (
    GraphQLNonNull,
    OperationType,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
    value_from_ast_untyped,
)

from hub.access.documents import Document
from hub.access.viewer import Capability
from hub.oauth.metadata import Issuer
from hub.read.operation import Operation
from hub.web.accept import JSON
from hub.web.openapi_answer import Answers
from hub.web.openapi_types import Components, Schema
from hub.web.parameters import Types, items_of, types_of

VERSION: Final = "3.1.1"
KEPT: Final = 16
"""Descriptions remembered; one of many documents takes a tenth of a second."""

REFUSAL: Final[Schema] = {
    "type": "object",
    "description": "What is wrong — 错误",
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "message": {"type": "string", "description": "A sentence — 说明"},
                    "path": {"type": "array", "description": "Field it belongs to — 所属字段"},
                    "locations": {"type": "array", "description": "Places in the document — 位置"},
                    "extensions": {
                        "type": "object",
                        "properties": {
                            "code": {"type": "string", "description": "Stable code — 错误代码"},
                            "messageZh": {
                                "type": "string",
                                "description": "The sentence in Chinese — 中文说明",
                            },
                        },
                        "required": ["code", "messageZh"],
                    },
                },
                "required": ["message", "extensions"],
            },
        },
        "data": {"description": "What was answered beside the errors — 其余结果"},
    },
    "required": ["errors"],
}

STATUSES: Final = {
    "400": "The body or a parameter is not JSON — 请求体或参数不是有效的 JSON",
    "401": "No token, or none that is accepted — 缺少有效的访问令牌",
    "404": "This client has no such document — 本客户端没有此文档",
    "422": "A variable is wrong, or the token does not reach the document — 参数有误，或令牌权限不足",
    "429": "Too many requests in this minute — 请求过于频繁",
    "503": "The hub cannot answer now — 服务暂不可用",
    "default": "Anything else — 其他错误",
}


Read = Callable[[Document], Awaitable[Operation | None]]


class OpenApi:
    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.made: LRUCache[Any, bytes] = LRUCache(KEPT)

    async def of(self, capability: Capability, documents: Sequence[Document], read: Read) -> bytes:
        """``read`` gives the operation of a document; none for one that the capability does not reach."""
        key = capability, tuple((d.name, d.sha256, d.description) for d in documents)
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = orjson.dumps(await self._made(documents, read))
        return found

    async def _made(self, documents: Sequence[Document], read: Read) -> dict[str, Any]:
        components = Components()
        paths = {}
        for document in documents:
            operation = await read(document)
            if operation is not None:
                paths[f"/documents/{document.name}"] = _path(document, operation, components)
                await asyncio.sleep(0)  # others are answered in between
        return {
            "openapi": VERSION,
            "info": {
                "title": "民政服务站数据枢纽 Civil-affairs hub",
                "version": "1",
                "description": "Trusted documents of the client that asks — 本客户端的可信文档",
            },
            "servers": [{"url": self.issuer.url}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": {**components.schemas, "Refusal": REFUSAL},
                "responses": {
                    refusal(status): {"description": description, "content": _content(_ref("Refusal"))}
                    for status, description in STATUSES.items()
                },
                "securitySchemes": {"token": self._security()},
            },
        }

    def _security(self) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"OAuth 2.0 client credentials with private_key_jwt at {self.issuer.token_url}",
        }


def _path(document: Document, operation: Operation, components: Components) -> dict[str, Any]:
    types = types_of(operation)
    definitions = {d.variable.name.value: d for d in operation.node.variable_definitions or ()}
    about = {"description": document.description} if document.description else {}
    answers = Answers(operation.schema, operation.fragments, components)
    data = answers.of(operation.root, [(operation.node.selection_set, False)])
    whole = {
        "type": "object",
        "properties": {"data": data},
        "required": ["data"],
        "additionalProperties": False,
    }
    responses = {
        "200": {"description": "Everything was answered — 查询成功", "content": _content(whole)},
        **{status: {"$ref": f"#/components/responses/{refusal(status)}"} for status in STATUSES},
    }
    parameters = [_parameter(definitions[name], types, components) for name in types]
    get = {"operationId": document.name, **about, "parameters": parameters, "responses": responses}
    post = {
        "operationId": f"{document.name}.post",
        **about,
        "requestBody": _body(definitions, types, components),
        "responses": responses,
    }
    writes = operation.node.operation is OperationType.MUTATION
    return {"post": post} if writes else {"get": get, "post": post}


def _parameter(definition: VariableDefinitionNode, types: Types, components: Components) -> dict[str, Any]:
    """A list of leaves repeats its parameter, an object is JSON in one; null is said by saying nothing."""
    name = definition.variable.name.value
    type_ = types[name]
    schema = _variable(definition, GraphQLNonNull(get_nullable_type(type_)), components)
    made = {"name": name, "in": "query", "required": _needed(definition), **_described(definition)}
    if items_of(type_) is not None:
        return {**made, "style": "form", "explode": True, "schema": schema}
    if not is_leaf_type(get_nullable_type(type_)):
        return {**made, "content": _content(schema)}
    return {**made, "schema": schema}


def _body(definitions: dict[str, VariableDefinitionNode], types: Types, components: Components) -> Any:
    required = [name for name, definition in definitions.items() if _needed(definition)]
    schema: Schema = {
        "type": "object",
        "properties": {
            name: {**_variable(d, types[name], components), **_described(d)}
            for name, d in definitions.items()
        },
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
    return {"required": bool(required), "content": _content(schema)}


def _variable(definition: VariableDefinitionNode, type_: Any, components: Components) -> Schema:
    schema = components.of(type_)
    if definition.default_value is None:
        return schema
    return {**schema, "default": value_from_ast_untyped(definition.default_value)}


def _needed(definition: VariableDefinitionNode) -> bool:
    return definition.type.kind == "non_null_type" and definition.default_value is None


def _described(definition: VariableDefinitionNode) -> Schema:
    return {"description": definition.description.value} if definition.description else {}


def refusal(status: str) -> str:
    """Name of the component."""
    return f"Refusal{status.title()}"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Schema) -> dict[str, Any]:
    return {JSON: {"schema": schema}}
