"""Answers questions with what the vector store knows about them."""

import os

import httpx
from fastapi import FastAPI

app = FastAPI()
ollama = httpx.AsyncClient(base_url=os.environ["OLLAMA_HOST"])


@app.post("/ask")
async def ask(question: str) -> dict[str, str]:
    request = {"model": "gemma3:270m", "prompt": question, "stream": False}
    answer = await ollama.post("/api/generate", json=request)
    return {"answer": answer.json()["response"]}
