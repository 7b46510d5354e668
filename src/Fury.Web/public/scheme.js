// Before anything is drawn, so that a dark page never flashes white. A file of its own, since the page allows no inline script.
(function () {
  var wish = 'auto'
  try { wish = localStorage.getItem('mantine-color-scheme-value') || 'auto' } catch { /* Storage is off: the system decides. */ }
  var dark = wish === 'dark' || (wish === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
