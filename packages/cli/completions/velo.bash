# Completion of velo for bash: source <(velo completion bash)
_velo() {
  local line cur="${COMP_WORDS[COMP_CWORD]}"
  local typed=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <(velo complete -- "${typed[@]}" 2>/dev/null)
}
complete -F _velo velo
