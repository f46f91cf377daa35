/** Version of this program. */
export const sluiceVersion = '0.1.0'
/** The Flux release whose behaviour, objects and outputs this version has. */
export const toolkitVersion = '2.9.4'
