// Applies the theme a person has chosen before anything is painted. The page keeps the choice (app/src/view/theme.rs).
try {
  const theme = localStorage.getItem("bftgym-theme");
  if (theme === "light" || theme === "dark") document.documentElement.setAttribute("data-theme", theme);
} catch {
  // A browser that keeps nothing follows the system.
}
