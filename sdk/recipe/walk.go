package recipe

import "reflect"

var (
	callType     = reflect.TypeFor[Call]()
	exprType     = reflect.TypeFor[Expr]()
	templateType = reflect.TypeFor[Template]()
)

// EachCall calls f for every request of a recipe.
func (r *Recipe) EachCall(f func(*Call)) {
	walkTypes(reflect.ValueOf(r), func(v reflect.Value) bool {
		if v.Type() == callType {
			f(v.Addr().Interface().(*Call))
			return false
		}
		return true
	})
}

// Uses reports whether an expression anywhere in part, a pointer to a part of a
// recipe, mentions a variable.
func Uses(part any, of Var) bool {
	found := false
	walkTypes(reflect.ValueOf(part), func(v reflect.Value) bool {
		switch v.Type() {
		case exprType:
			found = found || v.Addr().Interface().(*Expr).Uses(of)
		case templateType:
			for _, e := range v.Addr().Interface().(*Template).Exprs() {
				found = found || e.Uses(of)
			}
		default:
			return !found
		}
		return false
	})
	return found
}

// walkTypes visits the structs of the language that can be reached; visit tells
// whether to go on inside.
func walkTypes(v reflect.Value, visit func(reflect.Value) bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walkTypes(v.Elem(), visit)
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer {
			for i := range v.Len() {
				walkTypes(v.Index(i), visit)
			}
		}
	case reflect.Struct:
		if v.Type().PkgPath() != callType.PkgPath() || !visit(v) {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walkTypes(v.Field(i), visit)
			}
		}
	}
}
