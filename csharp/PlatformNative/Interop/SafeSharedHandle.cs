using System;
using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an object of the library, or borrows that of another handle, which it keeps from being freed.</summary>
    internal abstract class SafeSharedHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        private SafeSharedHandle owner;

        protected SafeSharedHandle()
            : base(ownsHandle: true)
        {
        }

        /// <summary>Borrows what another handle owns.</summary>
        protected void Borrow(SafeSharedHandle lender)
        {
            bool added = false;
            lender.DangerousAddRef(ref added);
            owner = lender;
            SetHandle(lender.DangerousGetHandle());
        }

        /// <summary>Frees the object. Never blocks, so that the finaliser may do it.</summary>
        protected abstract void Free(IntPtr owned);

        protected override bool ReleaseHandle()
        {
            if (owner != null)
            {
                owner.DangerousRelease();
            }
            else
            {
                Free(handle);
            }

            return true;
        }
    }
}
