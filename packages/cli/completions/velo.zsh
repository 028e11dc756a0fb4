#compdef velo
# Completion of velo for zsh: source <(velo completion zsh), or as a file _velo on $fpath
_velo() {
  local line files=0
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <(velo complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( files )) && _files
  (( ${#found} )) && _describe velo found
}
if [[ $funcstack[1] == _velo ]]; then _velo "$@"; else compdef _velo velo; fi
