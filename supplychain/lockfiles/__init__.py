"""Lock files and the commands that install from them: what is installed is what was agreed on."""
