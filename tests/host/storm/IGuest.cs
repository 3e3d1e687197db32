namespace Storm;

/// <summary>What the storm does with a library. Every method may be called from any thread and throws when the library
/// answers wrongly.</summary>
internal interface IGuest
{
    /// <summary>What the dynamic linker calls the library.</summary>
    nint Handle { get; }

    /// <summary>Prepares for calls; not called in a run that only loads.</summary>
    void Open();

    /// <summary>An ordinary short call.</summary>
    void Call(Random random);

    /// <summary>A call that stays inside Go for some milliseconds.</summary>
    void Block();

    /// <summary>Has the library call into managed code from threads of its own, and waits for it.</summary>
    void CallBack();

    /// <summary>The library's own account of its state.</summary>
    string State();

    /// <summary>Gives everything back, and throws if the library has something left of it.</summary>
    void Close()
    {
    }
}
