import { memoryStorage } from '../src/storage/memory-storage.ts'
import { testStorage } from './storage-suite.ts'

testStorage('memoryStorage', async () => memoryStorage())
