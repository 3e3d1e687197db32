using System;
using System.Diagnostics;
using System.Threading.Tasks;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Engines;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>
    /// A partition whose calls are timed and are activities. Partitions that are opened while nobody asks for either
    /// are not wrapped.
    /// </summary>
    internal sealed class ObservedPartition : IPartitionCore
    {
        private readonly IPartitionCore inner;
        private readonly IMetrics metrics;

        internal ObservedPartition(IPartitionCore inner, IMetrics metrics)
        {
            this.inner = inner;
            this.metrics = metrics;
        }

        public byte[] EncryptBytes(byte[] payload)
        {
            return Run(true, payload, (core, input) => core.EncryptBytes(input));
        }

        public byte[] DecryptBytes(byte[] record)
        {
            return Run(false, record, (core, input) => core.DecryptBytes(input));
        }

        public JObject EncryptJson(byte[] payload)
        {
            return Run(true, payload, (core, input) => core.EncryptJson(input));
        }

        public byte[] DecryptJson(JObject record)
        {
            return Run(false, record, (core, input) => core.DecryptJson(input));
        }

        public Task<byte[]> EncryptBytesAsync(byte[] payload)
        {
            return RunAsync(true, payload, (core, input) => core.EncryptBytesAsync(input));
        }

        public Task<byte[]> DecryptBytesAsync(byte[] record)
        {
            return RunAsync(false, record, (core, input) => core.DecryptBytesAsync(input));
        }

        public Task<JObject> EncryptJsonAsync(byte[] payload)
        {
            return RunAsync(true, payload, (core, input) => core.EncryptJsonAsync(input));
        }

        public Task<byte[]> DecryptJsonAsync(JObject record)
        {
            return RunAsync(false, record, (core, input) => core.DecryptJsonAsync(input));
        }

        public void Dispose()
        {
            inner.Dispose();
        }

        private TOutput Run<TInput, TOutput>(bool encrypt, TInput input, Func<IPartitionCore, TInput, TOutput> call)
        {
            using (Activity activity = Start(encrypt))
            {
                long start = Stopwatch.GetTimestamp();
                Exception error = null;
                try
                {
                    return call(inner, input);
                }
                catch (Exception e)
                {
                    error = e;
                    throw;
                }
                finally
                {
                    End(encrypt, activity, start, error);
                }
            }
        }

        private async Task<TOutput> RunAsync<TInput, TOutput>(
            bool encrypt, TInput input, Func<IPartitionCore, TInput, Task<TOutput>> call)
        {
            using (Activity activity = Start(encrypt))
            {
                long start = Stopwatch.GetTimestamp();
                Exception error = null;
                try
                {
                    return await call(inner, input).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    error = e;
                    throw;
                }
                finally
                {
                    End(encrypt, activity, start, error);
                }
            }
        }

        private static Activity Start(bool encrypt)
        {
            return Telemetry.Activities.StartActivity(encrypt ? "asherah.encrypt" : "asherah.decrypt");
        }

        private void End(bool encrypt, Activity activity, long start, Exception error)
        {
            long nanoseconds = Timers.Nanoseconds(Stopwatch.GetTimestamp() - start);
            if (error != null)
            {
                // Not the message, which may be that of the application's own store.
                activity?.SetStatus(ActivityStatusCode.Error, error.GetType().FullName);
            }

            if (encrypt)
            {
                Telemetry.Encrypted(nanoseconds, error);
                Timers.Record(metrics, "drr.encrypt", nanoseconds);
            }
            else
            {
                Telemetry.Decrypted(nanoseconds, error);
                Timers.Record(metrics, "drr.decrypt", nanoseconds);
            }
        }
    }
}
