import type { KubeObject } from '@sluice/ports'

const mask = '**SOPS**'
const encodedMask = btoa(mask)

/**
 * A Secret whose SOPS values are masked: all of a Secret that was encrypted itself, and data that is an encrypted
 * document. Other objects stay as they are.
 */
export function maskSecret(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const { sops, ...rest } = object as KubeObject & { readonly sops?: { readonly mac?: string } }
  const isEncrypted = sops?.mac?.startsWith('ENC[') === true
  const { data, stringData, type } = rest as {
    readonly data?: Readonly<Record<string, string>>
    readonly stringData?: Readonly<Record<string, string>>
    readonly type?: string
  }
  const isPullSecret = type === 'kubernetes.io/dockerconfigjson'
  const whole = isPullSecret ? `{"mask":"${mask}"}` : mask
  return {
    ...(isEncrypted ? rest : object),
    ...(data && {
      data: mapped(data, (value) => {
        if (isEncrypted) return btoa(whole)
        return isSops(decoded(value)) ? encodedMask : value
      }),
    }),
    ...(stringData && {
      stringData: mapped(stringData, (value) => {
        if (isEncrypted) return whole
        return isSops(value) ? encodedMask : value
      }),
    }),
  }
}

function isSops(text: string): boolean {
  return text.includes('sops') && text.includes('ENC[')
}

/** Text of base64, empty when it is none. */
function decoded(value: string): string {
  try {
    return atob(value)
  } catch (error) {
    if (error instanceof DOMException) return ''
    throw error
  }
}

function mapped(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
