# Completion of fury for fish: fury completion fish | source
complete --command fury --no-files --arguments '(fury "[suggest:"(commandline --cursor)"]" (commandline) 2>/dev/null)'
