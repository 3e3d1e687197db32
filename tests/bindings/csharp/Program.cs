using Bindings;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Bindings LIBRARY RELEASED-ABI");
    return 2;
}

Native.Use(args[0]);
Test.Run("layout of structs", () => Layout.Check(args[1]));
FfiTests.Run();
CobhanTests.Run();
return Test.Failed == 0 ? 0 : 1;
