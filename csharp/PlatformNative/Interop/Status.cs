namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>The statuses of include/asherah.h, named as there without the prefix.</summary>
    internal static class Status
    {
        internal const int Ok = 0;
        internal const int Internal = -1;
        internal const int InvalidArgument = -2;
        internal const int Configuration = -3;
        internal const int ClosedHandle = -4;
        internal const int MalformedRecord = -5;
        internal const int PartitionMismatch = -6;
        internal const int MetadataMissing = -7;
        internal const int Authentication = -8;
        internal const int Metastore = -9;
        internal const int Kms = -10;
        internal const int LockedMemory = -11;
        internal const int TimedOut = -12;
        internal const int BufferTooSmall = -13;
        internal const int Unsupported = -14;
        internal const int HostCallback = -15;
        internal const int WouldBlock = -16;
        internal const int QueueFull = -17;
        internal const int Cancelled = -18;
    }
}
