export {
  GoComplex,
  GoFunction,
  GoInt,
  type GoIntKind,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
} from './value.ts'
