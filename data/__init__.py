"""Articles and their annotation: the types, the formats, the splits and the corpus. Nothing here knows a model."""
