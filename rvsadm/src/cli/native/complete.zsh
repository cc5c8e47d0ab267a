#compdef rvsadm
# Completion of rvsadm for zsh: in a directory of $fpath as _rvsadm, or sourced after compinit.
_rvsadm() {
    local -a answers
    answers=("${(@f)$(
        _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) RVSADM_COMPLETE=zsh \
            rvsadm -- "${(@Q)words}" 2>/dev/null
    )}")
    [[ -n $answers ]] && _describe -V rvsadm answers
}
if [[ $funcstack[1] == _rvsadm ]]; then
    _rvsadm "$@"
else
    compdef _rvsadm rvsadm
fi
