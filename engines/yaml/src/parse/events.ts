// Kinds of events. Numbers for the sake of the loops that switch on them.
export const STREAM_END = 0
export const DOCUMENT_START = 1
export const DOCUMENT_END = 2
export const ALIAS = 3
export const SCALAR = 4
export const SEQUENCE_START = 5
export const SEQUENCE_END = 6
export const MAPPING_START = 7
export const MAPPING_END = 8
