# Completion of velo for fish: velo completion fish | source
function __velo_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (velo complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c velo -f -a '(__velo_complete)'
