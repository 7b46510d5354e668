# How the web interface is built and checked: read by ./dev, whose words it uses.

WEB_NODE_VERSION=22.21.1

# True when a file of the web interface is newer than the stamp.
web_differs() {
  [[ ! -f $1 || -n "$(find $WEB \( -name node_modules -o -name dist \) -prune -o -newer "$1" -type f -not -name schema.ts -print -quit)" ]]
}

# A Node.js that is new enough: Debian's own may not be, and then one comes from npm, to artifacts/node-VERSION, for this folder alone. False without npm.
web_node() {
  local folder=$PWD/artifacts/node-$WEB_NODE_VERSION; local programs=$folder/node_modules/node/bin
  command -v npm >/dev/null || return 1
  [[ $(node --version 2>/dev/null) != v2[0-9].* ]] || return 0
  mkdir -p artifacts
  [[ -x $programs/node ]] || npm install --prefix "$folder" --no-audit --no-fund "node@$WEB_NODE_VERSION" >>artifacts/web.log 2>&1 || return 1
  PATH=$programs:$PATH
}

web_packages() {
  if [[ $WEB/node_modules/.package-lock.json -nt $WEB/package-lock.json ]]; then return; fi
  (cd $WEB && npm ci --no-audit --no-fund) >>artifacts/web.log 2>&1
}

# The web interface, when its sources have changed. Whatever is missing for it (Node.js, the packages) keeps nothing else from working: / says how to get it.
build_web() {
  local stamp=artifacts/built-web out=src/Fury.Host/$BUILT/web
  command -v npm >/dev/null || return 0
  mkdir -p artifacts "${out%/*}"
  if [[ -d $out ]] && ! web_differs $stamp; then return; fi
  say "Building the web interface"
  touch $stamp.begun && : >artifacts/web.log
  if web_node && web_packages && (cd $WEB && npm run --silent build) >>artifacts/web.log 2>&1; then
    rm -rf "$out" && cp -r $WEB/dist "$out" && mv $stamp.begun $stamp
  else
    say "The web interface was not built, and everything else works without it; artifacts/web.log says why."
  fi
}

# Types and lint take half a minute, so only what has changed is checked.
check_web() {
  local stamp=artifacts/checked-web
  if ! command -v npm >/dev/null || ! web_differs $stamp; then return; fi
  mkdir -p artifacts && touch $stamp.begun && : >artifacts/web.log
  { web_node && web_packages; } || { say "The packages of the web interface could not be installed, so it is not checked; see artifacts/web.log."; return; }
  (cd $WEB && npm run --silent check) || die "The web interface does not hold its types or its lint."
  mv $stamp.begun $stamp
}
