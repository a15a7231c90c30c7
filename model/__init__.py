"""The tagger: encoding, training, decoding, scoring and reporting. Imports `data`, is imported by the scripts only."""
