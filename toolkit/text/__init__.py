"""What every room needs to know about text: normal form, sentences, language."""
