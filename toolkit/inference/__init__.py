"""Numbers in, numbers out: models, tokenizers, batching. No room above is known here."""
