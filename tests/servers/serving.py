"""One connection of the stub server: HTTP parsed by hand, since a slow server would spoil every measurement."""

import asyncio
import json
import time

import orjson

from tests.servers.answers import Answer, digest_of
from tests.servers.state import State

PHRASES = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    429: b"Too Many Requests",
    500: b"Internal Server Error",
}

THOUGHT = "The question wants one thing, so let me find it."


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    __slots__ = ("active", "buffer", "loop", "state", "transport")

    def __init__(self, state: State, loop: asyncio.AbstractEventLoop) -> None:
        self.state, self.loop = state, loop
        self.buffer, self.active = b"", False

    def connection_made(self, transport):
        self.transport = transport
        self.state.count["connections"] += 1

    def connection_lost(self, exc):
        if self.active:
            self.state.count["aborted_by_client"] += 1

    def data_received(self, data):
        self.buffer = self.buffer + data if self.buffer else data
        if not self.active:
            self.parse()

    def parse(self):
        while self.buffer and not self.active:
            buffer = self.buffer
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = content_length(buffer[:end].lower())
            if length < 0:
                self.transport.write(head(400, 0, b"Connection: close\r\n"))
                self.transport.close()
                return
            total = end + 4 + length
            if len(buffer) < total:
                return
            self.buffer = buffer[total:]
            self.state.count["bytes_in"] += total
            self.route(buffer[:end], buffer[end + 4 : total])

    def route(self, top, body):
        method, _, rest = top[: top.find(b"\r\n")].partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        if method == b"POST" and path.endswith(b"completions"):
            self.state.kept.append((top, body))
            self.complete(top, body, chat=path.endswith(b"chat/completions"))
        else:
            self.other(top, path)

    def other(self, top, path):
        state = self.state
        status, reply = 200, {}
        if path.endswith(b"/models"):
            status, reply = self.models(top)
        elif path == b"/stats":
            reply = state.stats()
        elif path == b"/requests":
            reply = state.requests()
        elif path == b"/reset":
            state.reset()
        elif path != b"/health":
            status, reply = 404, error(404, "not_found", "no such route")
        out = orjson.dumps(reply)
        self.transport.write(head(status, len(out)) + out)

    def models(self, top):
        refused = self.refuse_key(top)
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "stub"} for name in self.state.models]
        return refused or (200, {"object": "list", "data": listed})

    def complete(self, top, raw, *, chat):
        state = self.state
        state.count["requests"] += 1
        now = time.perf_counter()
        state.first = state.first or now
        try:
            body = orjson.loads(raw)
            prompt = joined(body, chat=chat)
        except (ValueError, KeyError, TypeError, AttributeError):
            refusal = 400, error(400, "invalid_request_error", "body is not a completion request")
        else:
            refusal = self.refuse(top, body)
        if refusal:
            state.count["refused"] += 1
            out = orjson.dumps(refusal[1])
            self.transport.write(head(refusal[0], len(out)) + out)
            return
        digest = digest_of(f"{body.get('seed')} {prompt}" if state.flags.answers_by_seed else prompt)
        state.begin(digest)
        self.active = True
        self.answer(Ask(prompt, digest, chat, body))

    def answer(self, ask):
        state = self.state
        fault = state.draw_fault()
        if fault == "error_429" or (state.allowance and not state.allowance.admits()):
            self.too_many()
            return
        delay = state.latency_s()
        if not delay and not state.flags.max_concurrency and not ask.body.get("stream") and fault != "hung":
            self.finish(ask, fault)
        else:
            task = self.loop.create_task(self.slow(ask, fault, delay))
            state.tasks.add(task)
            task.add_done_callback(state.tasks.discard)

    def refuse(self, top, body):
        flags = self.state.flags
        if flags.api_key is None and not flags.known_model and flags.refuse_400 is None:
            return None
        if refused := self.refuse_key(top):
            return refused
        if flags.known_model and body.get("model") not in flags.known_model:
            message = f"The model `{body.get('model')}` does not exist."
            return 404, error("model_not_found", "invalid_request_error", message)
        if flags.refuse_400 is not None:
            return 400, error(400, "invalid_request_error", flags.refuse_400)
        return None

    def refuse_key(self, top):
        key = self.state.flags.api_key
        if key is None:
            return None
        lines = [line for line in top.split(b"\r\n") if line.lower().startswith(b"authorization:")]
        given = lines[0].partition(b":")[2].strip().decode("latin-1") if lines else ""
        if given == f"Bearer {key}":
            return None
        # the key is repeated in full, as careless servers do: nothing of it may reach a message of ours
        return 401, error("invalid_api_key", "authentication_error", f"Incorrect API key provided: {given}")

    def too_many(self):
        state = self.state
        state.count["error_429"] += 1
        after = state.flags.retry_after
        out = orjson.dumps(error(429, "rate_limit_exceeded", f"Rate limit reached, retry after {after:g}s"))
        self.done(head(429, len(out), b"Retry-After: %d\r\n" % max(0, round(after)) + self.told()) + out)

    def told(self):
        return self.state.allowance.lines() if self.state.allowance else b""

    async def slow(self, ask, fault, delay):
        """A request that takes time: it waits for one of the slots, then holds it for `delay` seconds."""
        state = self.state
        slots = state.flags.max_concurrency
        if slots:
            while state.busy >= slots:
                gate = self.loop.create_future()
                state.waiting.append(gate)
                await gate
            state.busy += 1
        try:
            if fault == "hung":
                state.count["hung"] += 1
                await asyncio.sleep(state.flags.hang_s)
            if ask.body.get("stream") and not fault:
                await self.stream(ask, delay)
                return
            await asyncio.sleep(delay)
        finally:
            if slots:
                state.busy -= 1
                self.wake_next()
        self.finish(ask, fault)

    def wake_next(self):
        while self.state.waiting:
            gate = self.state.waiting.popleft()
            if not gate.done():
                gate.set_result(None)
                return

    def finish(self, ask, fault):
        state = self.state
        if fault in ("error_500", "dropped", "malformed", "empty"):
            state.count[fault] += 1
        if fault == "error_500":
            message = "The server had an error while processing your request"
            out = orjson.dumps(error(500, "server_error", message))
            self.done(head(500, len(out)) + out)
            return
        answer = state.answers(ask.prompt, ask.digest)
        out = orjson.dumps(ask.reply("" if fault == "empty" else answer.text, answer, self.thought))
        if fault == "dropped":
            self.done(head(200, len(out)) + out[: len(out) // 2], close=True)
        elif fault == "malformed":
            out = out[: len(out) * 2 // 3]
            self.done(head(200, len(out)) + out)
        else:
            if fault is None:
                state.was_served(ask.digest, answer)
            self.done(head(200, len(out), self.told()) + out)

    async def stream(self, ask, delay):
        state, flags = self.state, self.state.flags
        state.count["streams"] += 1
        answer = state.answers(ask.prompt, ask.digest)
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        await asyncio.sleep(delay * flags.ttft_share)
        pieces = cut(answer.text, flags.stream_chunks)
        pause = delay * (1 - flags.ttft_share) / len(pieces)
        if self.thought:
            self.transport.write(ask.event({"reasoning_content": self.thought}))
        for piece in pieces:
            if self.transport.is_closing():
                break
            self.transport.write(ask.event({"role": "assistant", "content": piece}))
            if pause:
                await asyncio.sleep(pause)
        out = ask.event({}, answer.finish_reason)
        if (ask.body.get("stream_options") or {}).get("include_usage"):
            out += ask.event(None, usage=usage_of(ask.prompt, answer.text))
        state.was_served(ask.digest, answer)
        self.done(out + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")

    @property
    def thought(self):
        return THOUGHT if self.state.flags.reasoning else None

    def done(self, data, *, close=False):
        state = self.state
        state.inflight -= 1
        state.last = time.perf_counter()
        self.active = False
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if close:
            self.transport.close()
        elif self.buffer:
            self.loop.call_soon(self.parse)


class Ask:
    """A request for a completion, and the forms that its answer takes."""

    __slots__ = ("body", "chat", "digest", "prompt")

    def __init__(self, prompt, digest, chat, body):
        self.prompt, self.digest, self.chat, self.body = prompt, digest, chat, body

    def reply(self, text, answer: Answer, thought):
        if self.chat:
            message = {"role": "assistant", "content": text}
            if thought:
                message["reasoning_content"] = thought
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish_reason}
        else:
            choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": answer.finish_reason}
        kind = "chat.completion" if self.chat else "text_completion"
        return {**self.frame(kind), "choices": [choice], "usage": usage_of(self.prompt, text)}

    def event(self, delta, finish_reason=None, **more):
        choices = []
        if delta is not None:
            said = {"delta": delta} if self.chat else {"text": delta.get("content", "")}
            choices = [{"index": 0, **said, "finish_reason": finish_reason}]
        kind = "chat.completion.chunk" if self.chat else "text_completion"
        data = b"data: " + orjson.dumps({**self.frame(kind), "choices": choices, **more}) + b"\n\n"
        return b"%x\r\n%s\r\n" % (len(data), data)

    def frame(self, kind):
        name = f"chatcmpl-{self.digest:016x}"
        return {"id": name, "object": kind, "created": int(time.time()), "model": self.body.get("model", "")}


def head(status, length, extra=b""):
    top = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
    return top % (status, PHRASES[status], length, extra)


def error(code, kind, message):
    return {"error": {"message": message, "type": kind, "param": None, "code": str(code)}}


def content_length(top):
    """The length that a request head (in small letters) announces; -1 for a chunked body, which is not understood."""
    at = top.find(b"content-length:")
    if at < 0:
        return -1 if b"transfer-encoding: chunked" in top else 0
    stop = top.find(b"\r\n", at)
    return int(top[at + 15 : stop if stop >= 0 else len(top)])


def joined(body, *, chat):
    """All that the prompt says, as one text."""
    if not chat:
        prompt = body["prompt"]
        return prompt if isinstance(prompt, str) else json.dumps(prompt)
    contents = [message["content"] for message in body["messages"]]
    return "\n".join(content if isinstance(content, str) else json.dumps(content) for content in contents)


def cut(text, num_pieces):
    words = text.split(" ")
    size = max(1, -(-len(words) // num_pieces))
    return [
        " ".join(words[start : start + size]) + (" " if start + size < len(words) else "")
        for start in range(0, len(words), size)
    ]


def usage_of(prompt, text):
    used, made = len(prompt) // 4 + 1, len(text) // 4 + 1
    return {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made}
