#compdef fury
# Completion of fury for zsh: source <(fury completion zsh), or a file _fury in a folder of fpath.
_fury() {
  local -a suggestions
  suggestions=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
  compadd -a suggestions
}
if [ "${funcstack[1]}" = _fury ]; then
  _fury "$@"
else
  compdef _fury fury
fi
