//! What every HTTP function shares: problems, strict input, idempotency keys, tokens, cursors.
