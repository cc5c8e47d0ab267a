# Completion of rvsadm for bash: source it.
#
# The words are taken from the line, because bash also splits them at colons, which
# addresses have; for the same reason an answer begins where bash thinks that the word does.
_rvsadm() {
    local line=${COMP_LINE:0:COMP_POINT} words current answer
    IFS=$' \t\n' read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=('')
    current=${words[${#words[@]} - 1]}
    COMPREPLY=()
    while IFS= read -r -d $'\v' answer || [[ -n $answer ]]; do
        COMPREPLY+=("${answer#"${current%"${current##*:}"}"}")
    done < <(
        _CLAP_IFS=$'\v' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) \
            _CLAP_COMPLETE_COMP_TYPE=${COMP_TYPE:-9} _CLAP_COMPLETE_SPACE=true \
            RVSADM_COMPLETE=bash rvsadm -- "${words[@]}" 2>/dev/null
    )
}
complete -o bashdefault -F _rvsadm rvsadm
