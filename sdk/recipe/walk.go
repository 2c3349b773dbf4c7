package recipe

import "reflect"

// eachCall calls f for every request of a recipe.
func eachCall(r *Recipe, f func(*Call)) { walkCalls(reflect.ValueOf(r).Elem(), f) }

func walkCalls(v reflect.Value, f func(*Call)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Type().Elem().Kind() == reflect.Struct && v.Type().Elem().PkgPath() == callType.PkgPath() {
			walkCalls(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkCalls(v.Index(i), f)
		}
	case reflect.Struct:
		if v.Type() == callType {
			f(v.Addr().Interface().(*Call))
			return
		}
		if v.Type().PkgPath() != callType.PkgPath() || v.Type() == exprType {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walkCalls(v.Field(i), f)
			}
		}
	}
}

var (
	callType = reflect.TypeFor[Call]()
	exprType = reflect.TypeFor[Expr]()
)
