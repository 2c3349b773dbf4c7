package supervisor

// AfterCheck lets tests change a program between its check and its start.
func AfterCheck(f func(path string)) { afterCheck = f }
